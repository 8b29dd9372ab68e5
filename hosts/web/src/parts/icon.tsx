/** Line icons of the shell, drawn on a 20-unit square with the text's colour. */
const paths = {
    world: 'M3 15l4-7 3 4 2-3 5 6zM14 4.5a1.5 1.5 0 1 0 .01 0',
    diagram: 'M2 5h16M6 5v4M14 5v4M6 13v4M14 13v4M4 9h4v4H4zM12 9h4v4h-4z',
    tables: 'M2 4h16v12H2zM2 8h16M2 12h16M8 4v12',
    trends: 'M2 17h16M2 3v14M4 13l4-5 3 3 6-7',
    alarms: 'M10 2v2M4 15h12l-1.5-2.5V9a4.5 4.5 0 0 0-9 0v3.500zM8.500 17.500h3',
    events: 'M5 4h13M5 10h13M5 16h13M2 4h.01M2 10h.01M2 16h.01',
    decisions: 'M10 2l7 3v5c0 4-3 6.500-7 8-4-1.500-7-4-7-8V5zM6.500 10l2.500 2.500 4.500-5',
    studies: 'M3 3v14h14M6 14c2-8 5 1 10-9M13 5h3v3',
    vpp: 'M10 7.500a2.500 2.500 0 1 0 .01 0M4 3a1.500 1.500 0 1 0 .01 0M16 3a1.500 1.500 0 1 0 .01 0M4 14a1.500 1.500 0 1 0 .01 0M16 14a1.500 1.500 0 1 0 .01 0M5 5.500l3 3M15 5.500l-3 3M5 14.500l3-3M15 14.500l-3-3',
    'what-if': 'M5 3v14M5 8c0 4 9 1 9 6M14 14v3M14 3v1M3 3h4M12 3h4',
    security: 'M2 13h4l3-8 3 11 2-5h4M15 3l3 3M18 3l-3 3',
    mapping: 'M4 5a2 2 0 1 0 .01 0M16 15a2 2 0 1 0 .01 0M6 6c5 0 3 8 8 8M13 5h5M15.500 2.500v5',
    status: 'M2 10h3l2-6 4 12 3-8 1.500 2H18',
    people: 'M7 9a3 3 0 1 0-.01 0M2 17c0-4 2-5.500 5-5.500s5 1.500 5 5.500M13 9a2.500 2.500 0 1 0-.01-5M14 11.500c2.500 0 4 1.500 4 5',
    play: 'M6 3.500v13l10-6.500z',
    pause: 'M6 4v12M14 4v12',
    back: 'M12 4l-6 6 6 6',
    forward: 'M8 4l6 6-6 6',
    close: 'M4 4l12 12M16 4L4 16',
    search: 'M8.500 3a5.500 5.500 0 1 0 .01 0M13 13l5 5',
    theme: 'M10 3a7 7 0 1 0 7 7 5.500 5.500 0 0 1-7-7z',
    plus: 'M10 3v14M3 10h14',
    undo: 'M4 8h8a4 4 0 0 1 0 8H8M7 4.500L3.500 8 7 11.500',
    download: 'M10 2v10M6 8.500l4 4 4-4M3 16.500h14',
    fit: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
    target: 'M10 5.500a4.500 4.500 0 1 0 .01 0M10 1v4M10 15v4M1 10h4M15 10h4',
    help: 'M7 7a3 3 0 1 1 4 3c-1 .500-1 1-1 2M10 15.500v.01',
    menu: 'M3 5h14M3 10h14M3 15h14',
    check: 'M3.500 10.500l4 4 9-9.500',
    lock: 'M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3',
    live: 'M10 8a2 2 0 1 0 .01 0M5.500 5.500a6 6 0 0 0 0 9M14.500 5.500a6 6 0 0 1 0 9',
} as const
export type IconName = keyof typeof paths

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
    return (
        <svg className="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
            <path d={paths[name]} />
        </svg>
    )
}
