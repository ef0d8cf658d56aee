export * from 'tocsin/sinks/message-sinks'
