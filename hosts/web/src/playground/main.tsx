/** The playground: the kernel in the browser, without a server behind it. */
import '../style.css'
import './playground.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Playground } from './page.tsx'

const scheme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'
document.documentElement.dataset.mantineColorScheme = scheme
createRoot(document.getElementById('root')!).render(
    <StrictMode>
        <Playground />
    </StrictMode>,
)
