/** A button that acts after being held for a second, by pointer, Enter or Space; let go early and nothing happens. */
import { type ReactNode, useEffect, useRef, useState } from 'react'

const holdMs = 1000

export function HoldButton({
    onHeld,
    disabled = false,
    children,
    testId,
}: {
    onHeld: () => void
    disabled?: boolean
    children: ReactNode
    testId?: string
}) {
    const [held, setHeld] = useState(false)
    const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
    const stop = () => {
        clearTimeout(timer.current)
        setHeld(false)
    }
    const start = () => {
        if (disabled || held) return
        setHeld(true)
        timer.current = setTimeout(() => {
            setHeld(false)
            onHeld()
        }, holdMs)
    }
    useEffect(() => () => clearTimeout(timer.current), [])
    return (
        <button
            type="button"
            className={`hold-button${held ? ' is-held' : ''}`}
            disabled={disabled}
            data-testid={testId}
            style={{ '--hold-ms': `${holdMs}ms` } as React.CSSProperties}
            onPointerDown={(event) => {
                if (event.button === 0) start()
            }}
            onPointerUp={stop}
            onPointerLeave={stop}
            onPointerCancel={stop}
            onContextMenu={(event) => event.preventDefault()}
            onKeyDown={(event) => {
                if (event.key === 'Enter' || event.key === ' ') {
                    event.preventDefault()
                    if (!event.repeat) start()
                }
            }}
            onKeyUp={stop}
            onBlur={stop}
        >
            <span className="hold-fill" aria-hidden="true" />
            <span className="hold-text">{children}</span>
        </button>
    )
}
