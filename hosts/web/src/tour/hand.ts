/** The hand that does a step for the person: it presses the controls of the page themselves, so that one sees how it is done. */

const lookEveryMs = 50

/** Waits until it is so, at most so long; says what it waited for where it is not. */
export async function met<T>(
    what: string,
    look: () => T | undefined | null | false | Promise<T | undefined | null | false>,
    ms = 15_000,
): Promise<T> {
    const endMs = performance.now() + ms
    for (;;) {
        const found = await look()
        if (found) return found
        if (performance.now() > endMs) throw new Error(what)
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs))
    }
}

const shown = (selector: string) => document.querySelector<HTMLElement>(selector)
const enabled = (selector: string) => {
    const found = shown(selector)
    return found && !found.matches(':disabled') ? found : undefined
}

export async function press(selector: string): Promise<void> {
    ;(await met(selector, () => enabled(selector))).click()
}

/** Holds a button down until what it does is seen. */
export async function hold(selector: string, seen: () => boolean | Promise<boolean>): Promise<void> {
    const button = await met(selector, () => enabled(selector))
    button.scrollIntoView({ block: 'center' })
    button.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true, button: 0 }))
    try {
        await met(selector, seen)
    } finally {
        button.dispatchEvent(new PointerEvent('pointerup', { bubbles: true, button: 0 }))
    }
}

/** Types a text in place of what stands in a field. */
export async function fill(selector: string, text: string): Promise<void> {
    const field = (await met(selector, () => enabled(selector))) as HTMLInputElement
    // past the widget's own setter, so that it hears of the change
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(field, text)
    field.dispatchEvent(new Event('input', { bubbles: true }))
    field.dispatchEvent(new FocusEvent('focusout', { bubbles: true }))
}
