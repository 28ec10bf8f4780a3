/** The remedy that always works, as the last hint of every error here. */
export const onWasm =
  'Or run on the built-in engine, which needs no installation and is slower: --engine wasm'
