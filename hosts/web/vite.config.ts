import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** Built to `dist`, served by the platform at `/`. Three.js and uPlot arrive only with the views that use them. Our packages only declare, so what is not used of them is left out. */
export default defineConfig({
    root: import.meta.dirname,
    base: './',
    plugins: [react()],
    worker: { format: 'es' },
    resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
    build: {
        outDir: 'dist',
        emptyOutDir: true,
        target: 'es2023',
        chunkSizeWarningLimit: 900,
        rolldownOptions: {
            // the shell, and the playground, which needs no platform
            input: ['index.html', 'playground.html'].map((page) => `${import.meta.dirname}/${page}`),
            treeshake: { moduleSideEffects: (id) => !id.includes('/packages/') },
        },
    },
    server: { host: '127.0.0.1', proxy: { '/api': { target: 'http://127.0.0.1:7400', ws: true } } },
})
