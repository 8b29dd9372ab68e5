/** A request in words, typed or spoken: read at once, shown as what was understood, and confirmed in the form below it. */
import { Button, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { type ReadSentence, readSentence } from '../request-sentence.ts'
import { useShell } from './shell.ts'
import { heardText, type Recogniser, recogniserOf } from './speech.ts'

interface SentenceProps {
    /** of the address, read at once */
    readonly first: string
    readonly onRead: (read: ReadSentence, sentence: string) => void
}

export function SentenceBox({ first, onRead }: SentenceProps) {
    const { t } = useShell()
    const [text, setText] = useState(first)
    const [read, setRead] = useState<ReadSentence | undefined>(() => (first ? readSentence(first) : undefined))
    const take = (sentence: string) => {
        const found = readSentence(sentence)
        setText(sentence)
        setRead(found)
        onRead(found, sentence)
    }
    return (
        <form
            className="vpp-sentence"
            data-testid="request-sentence"
            onSubmit={(event) => {
                event.preventDefault()
                if (text.trim()) take(text.trim())
            }}
        >
            <TextInput
                label={t('vpp.sentence')}
                placeholder={t('vpp.sentence.example')}
                value={text}
                onChange={(e) => setText(e.currentTarget.value)}
                data-testid="sentence-text"
            />
            <Microphone onHeard={setText} onSentence={take} />
            <Button type="submit" variant="default" disabled={!text.trim()} data-testid="sentence-read">
                {t('vpp.sentence.read')}
            </Button>
            {read && (
                <div className="vpp-understood" role="status" data-testid="sentence-understood">
                    {read.understood.length === 0 && <span>{t('vpp.sentence.nothing')}</span>}
                    {read.understood.map(({ text: words, as }, n) => (
                        <span key={n} className="vpp-chip">
                            <b>{t(`vpp.sentence.as.${as}`)}</b> {words}
                        </span>
                    ))}
                    {read.rest.length > 0 && <span className="beyond-1">▲ {t('vpp.sentence.rest', { words: read.rest.join(' · ') })}</span>}
                    <span className="dim">{t('vpp.sentence.confirm')}</span>
                </div>
            )}
        </form>
    )
}

/** Held no longer than a sentence; what is heard is shown while it is spoken. */
function Microphone({ onHeard, onSentence }: { onHeard: (text: string) => void; onSentence: (text: string) => void }) {
    const { t, lang } = useShell()
    const Maker = recogniserOf(window)
    const [listening, setListening] = useState<Recogniser>()
    const [wrong, setWrong] = useState('')
    const running = useRef<Recogniser>(undefined)
    useEffect(() => () => running.current?.abort(), [])
    if (!Maker)
        return (
            <small className="dim vpp-no-mic" data-testid="no-microphone">
                {t('vpp.voice.none')}
            </small>
        )
    const listen = () => {
        const recogniser = new Maker()
        let heard = ''
        recogniser.lang = lang === 'zh' ? 'zh-CN' : 'en-GB'
        recogniser.interimResults = true
        recogniser.onresult = (event) => {
            heard = heardText(event)
            onHeard(heard)
        }
        recogniser.onerror = ({ error }) => setWrong(error)
        recogniser.onend = () => {
            setListening(undefined)
            running.current = undefined
            if (heard) onSentence(heard)
        }
        setWrong('')
        setListening(recogniser)
        running.current = recogniser
        recogniser.start()
    }
    return (
        <>
            <Button
                variant={listening ? 'filled' : 'default'}
                onClick={() => (listening ? listening.stop() : listen())}
                aria-pressed={listening !== undefined}
                title={t('vpp.voice.about')}
                data-testid="microphone"
            >
                <MicrophoneSign /> {t(listening ? 'vpp.voice.stop' : 'vpp.voice.start')}
            </Button>
            {wrong && (
                <small className="beyond-1" role="alert">
                    {t('vpp.voice.failed', { error: wrong })}
                </small>
            )}
        </>
    )
}

const MicrophoneSign = () => (
    <svg className="vpp-mic" viewBox="0 0 16 16" aria-hidden="true">
        <rect x="6" y="1.5" width="4" height="8" rx="2" />
        <path d="M3.5 7.5a4.5 4.5 0 0 0 9 0M8 12v2.5" />
    </svg>
)
