/** The browser's own speech recognition, where it has one: a spoken sentence becomes text, and nothing else. */

interface Heard {
    readonly results: ArrayLike<ArrayLike<{ readonly transcript: string }> & { readonly isFinal?: boolean }>
}
/** The part of the Web Speech API that is used here. */
export interface Recogniser {
    lang: string
    interimResults: boolean
    onresult: ((event: Heard) => void) | null
    onerror: ((event: { readonly error: string }) => void) | null
    onend: (() => void) | null
    start(): void
    stop(): void
    abort(): void
}

type Maker = new () => Recogniser

/** Nothing where the browser offers none. */
export function recogniserOf(scope: object): Maker | undefined {
    const { SpeechRecognition, webkitSpeechRecognition } = scope as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker }
    return SpeechRecognition ?? webkitSpeechRecognition
}

/** All that was heard so far, as one sentence. */
export const heardText = ({ results }: Heard): string =>
    Array.from(results, (alternatives) => alternatives[0]?.transcript ?? '')
        .join(' ')
        .trim()
