export * from 'tocsin/sinks/ftps'
