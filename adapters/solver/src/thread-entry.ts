/** The compiled thread, or its source behind the loader of sources, which threads do not inherit. */
export function threadEntry(source: URL): URL {
    if (!import.meta.url.endsWith('.ts')) return new URL(source.href.replace(/\.ts$/, '.js'))
    const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'))
    const text = `import { register } from ${loader}; register(); await import(${JSON.stringify(source.href)})`
    return new URL(`data:text/javascript,${encodeURIComponent(text)}`)
}
