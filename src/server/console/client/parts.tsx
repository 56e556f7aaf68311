import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { ago, exactly } from './format.ts'
import { now } from './state.ts'

/** A relative time, with the exact one on hover. */
export function When({ at }: { readonly at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={exactly(at)}>
      {ago(at, now.value)}
    </time>
  )
}

/** The title of a view. Gets the focus when the view comes, so that a reader of the screen knows where they are. */
export function Title({ children }: { readonly children: ComponentChildren }) {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (document.activeElement === document.body || document.activeElement?.closest('nav') !== null)
      title.current?.focus({ preventScroll: true })
  }, [])
  return (
    <h1 tabIndex={-1} ref={title}>
      {children}
    </h1>
  )
}

/** What went wrong and a way to try again. */
export function Failed({ message, again }: { readonly message: string; readonly again?: () => void }) {
  return (
    <div class="notice notice-bad" role="alert">
      <p>
        <strong>That did not work.</strong>
      </p>
      <p>{message}</p>
      {again && (
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}

export interface DialogProps {
  readonly title: string
  readonly close: () => void
  readonly children: ComponentChildren
}

/** Modal: holds the focus, closes with Escape, gives the focus back. */
export function Dialog({ title, close, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    dialog.current?.showModal()
  }, [])
  return (
    <dialog class="dialog" ref={dialog} onClose={close} aria-labelledby="dialog-title">
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  )
}
