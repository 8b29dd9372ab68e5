import { defineConfig } from 'vitest/config'

const conditions = ['source', 'node', 'import', 'module', 'default']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

export default defineConfig({
    ...shared,
    test: {
        projects: [
            {
                ...shared,
                test: {
                    name: 'unit',
                    include: ['packages/*/src/**/*.test.{ts,tsx}', 'hosts/*/src/**/*.test.{ts,tsx}', 'tests/docs/*.test.ts'],
                    testTimeout: 60_000,
                },
            },
            {
                ...shared,
                test: {
                    name: 'system',
                    include: ['adapters/*/src/**/*.test.ts', 'tests/system/*.test.ts', 'tests/browser/*.test.ts'],
                    testTimeout: 300_000,
                    hookTimeout: 120_000,
                    fileParallelism: false,
                },
            },
        ],
    },
})
