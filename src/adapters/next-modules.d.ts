// What is used of Next, so that types are checked where it is not installed. It is loaded when it is called for, never at the start.

declare module 'next/headers.js' {
  export function headers(): Promise<{ get(name: string): string | null }>
  export function cookies(): Promise<{
    get(name: string): { readonly value: string } | undefined
    set(cookie: {
      readonly name: string
      readonly value: string
      readonly path: string
      readonly domain: string | undefined
      readonly maxAge: number | undefined
      readonly expires: Date | undefined
      readonly secure: boolean
      readonly httpOnly: boolean
      readonly partitioned: boolean
      readonly sameSite: 'lax' | 'strict' | 'none'
    }): unknown
  }>
}

declare module 'next/server.js' {
  export const NextResponse: {
    next(init: { readonly request: { readonly headers: Headers } }): Response
  }
}
