// The package ships no types of its own.
declare module 'lz4js' {
  /** Takes bytes; gives an LZ4 frame. */
  export function compress(bytes: Uint8Array): Uint8Array
  /** Takes an LZ4 frame; gives its bytes. */
  export function decompress(frame: Uint8Array): Uint8Array
}
