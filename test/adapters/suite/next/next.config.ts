// Answers and paths as they come; types are checked with the tests.
// biome-ignore lint/style/noDefaultExport: Next reads the default export.
export default {
  compress: false,
  skipTrailingSlashRedirect: true,
  typescript: { ignoreBuildErrors: true },
  // What the app depends on is linked into its folder, from elsewhere.
  turbopack: { root: '/' },
}
