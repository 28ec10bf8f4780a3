/** Of this package, as in its package.json (checked by a test). */
export const VERSION = '0.1.0'
