import { defineConfig } from 'vitest/config'

// vitest hands these to node, for require too: 'import' here would give CommonJS packages their ES modules
const conditions = ['source', 'node']
const shared = { resolve: { conditions }, ssr: { resolve: { conditions } } }

export default defineConfig({
    ...shared,
    test: {
        projects: [
            {
                ...shared,
                test: {
                    name: 'unit',
                    include: [
                        'packages/*/src/**/*.test.{ts,tsx}',
                        'apps/*/src/**/*.test.{ts,tsx}',
                        'hosts/*/src/**/*.test.{ts,tsx}',
                        'tests/docs/*.test.ts',
                    ],
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
