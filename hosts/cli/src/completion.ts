/** Completion scripts for shells, written from the commands themselves. */
import type { Command, Option } from 'commander'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

interface Entry {
    readonly name: string
    readonly about: string
    readonly options: readonly Option[]
    readonly arguments: readonly { readonly choices: readonly string[] }[]
}

/** What to feed to `eval` (bash, zsh) or `source` (fish). */
export function writeCompletion(program: Command, shell: Shell): string {
    const entries = program.commands.map((command) => {
        const own = [command, ...command.commands]
        const inner = command.commands.filter((part) => part.name() !== 'help').map((part) => part.name())
        return {
            name: command.name(),
            about: command.summary() || command.description(),
            options: [
                ...new Map(
                    own.flatMap((part) =>
                        part
                            .createHelp()
                            .visibleOptions(part)
                            .map((o) => [o.flags, o]),
                    ),
                ).values(),
            ],
            arguments: [
                ...(inner.length ? [{ choices: inner }] : []),
                ...own.flatMap((part) => part.registeredArguments.map((argument) => ({ choices: argument.argChoices ?? [] }))),
            ],
        }
    })
    return { bash: writeBash, zsh: writeZsh, fish: writeFish }[shell](entries)
}

const flagsOf = (option: Option) => [option.short, option.long].filter((flag) => flag !== undefined)
const takesValue = (option: Option) => option.required || option.optional

function writeBash(entries: readonly Entry[]): string {
    const commands = entries.map((entry) => {
        const words = [...entry.options.flatMap(flagsOf), ...entry.arguments.flatMap((argument) => argument.choices)].join(' ')
        const chosen = entry.options
            .filter((option) => option.argChoices)
            .map(
                (option) =>
                    `            ${flagsOf(option).join('|')}) COMPREPLY=($(compgen -W '${option.argChoices!.join(' ')}' -- "$word")); return ;;`,
            )
        const files = entry.options.filter((option) => takesValue(option) && !option.argChoices).flatMap(flagsOf)
        const fileCase = files.length ? [`            ${files.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;;`] : []
        const cases = [...chosen, ...fileCase].length ? ['            case $before in', ...chosen, ...fileCase, '            esac'] : []
        return [
            `        ${entry.name})`,
            ...cases,
            `            COMPREPLY=($(compgen -W '${words}' -- "$word") $(compgen -f -- "$word")) ;;`,
        ].join('\n')
    })
    return `_gridverse() {
    local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
    if [ "$COMP_CWORD" -eq 1 ]; then
        COMPREPLY=($(compgen -W '${entries.map((entry) => entry.name).join(' ')} --help --version' -- "$word"))
        return
    fi
    case \${COMP_WORDS[1]} in
${commands.join('\n')}
    esac
}
complete -o filenames -F _gridverse gridverse
`
}

const quoteZsh = (text: string) => text.replace(/'/g, "'\\''").replace(/[[\]:]/g, '\\$&')

function writeZsh(entries: readonly Entry[]): string {
    const commands = entries.map((entry) => {
        const specs = entry.options.flatMap((option) => {
            const value = !takesValue(option) ? '' : option.argChoices ? `:value:(${option.argChoices.join(' ')})` : ':value:_files'
            return flagsOf(option).map((flag) => `'${flag}[${quoteZsh(option.description)}]${value}'`)
        })
        const places = entry.arguments.map((argument) =>
            argument.choices.length ? `':value:(${argument.choices.join(' ')})'` : "':file:_files'",
        )
        return `        ${entry.name}) _arguments ${[...specs, ...places].join(' ')} ;;`
    })
    return `#compdef gridverse
_gridverse() {
    if (( CURRENT == 2 )); then
        local -a commands=(${entries.map((entry) => `'${entry.name}:${quoteZsh(entry.about)}'`).join(' ')})
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
${commands.join('\n')}
    esac
}
compdef _gridverse gridverse
`
}

const quoteFish = (text: string) => text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")

function writeFish(entries: readonly Entry[]): string {
    const lines = ['complete -c gridverse -f']
    for (const entry of entries) {
        lines.push(`complete -c gridverse -n __fish_use_subcommand -a ${entry.name} -d '${quoteFish(entry.about)}'`)
        const inside = `-n '__fish_seen_subcommand_from ${entry.name}'`
        if (entry.arguments.some((argument) => argument.choices.length === 0)) lines.push(`complete -c gridverse ${inside} -F`)
        for (const argument of entry.arguments)
            if (argument.choices.length) lines.push(`complete -c gridverse ${inside} -a '${argument.choices.join(' ')}'`)
        for (const option of entry.options) {
            const short = option.short ? ` -s ${option.short.slice(1)}` : ''
            const long = option.long ? ` -l ${option.long.slice(2)}` : ''
            const value = !takesValue(option) ? '' : option.argChoices ? ` -x -a '${option.argChoices.join(' ')}'` : ' -r -F'
            lines.push(`complete -c gridverse ${inside}${short}${long}${value} -d '${quoteFish(option.description)}'`)
        }
    }
    return `${lines.join('\n')}\n`
}
