import './shell.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { loadSession, watchAddress } from './model/state.ts'
import { exposeHandle } from './parts/handle.ts'
import { Root } from './shell/root.tsx'

watchAddress()
exposeHandle()
void loadSession()
createRoot(document.getElementById('root')!).render(
    <StrictMode>
        <Root />
    </StrictMode>,
)
