export * from './counts.ts'
export * from './outcome.ts'
export * from './stage.ts'
export * from './store.ts'
