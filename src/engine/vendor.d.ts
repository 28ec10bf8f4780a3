// Made by scripts/vendor-tfjs-node.mjs.
declare module '#vendor/tfjs-node/gradients.cjs'
