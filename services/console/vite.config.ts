import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

// Nothing inline: the page is served under a policy that forbids inline scripts and styles.
export default defineConfig({
  root: 'web',
  plugins: [react()],
  build: { outDir: '../dist', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
})
