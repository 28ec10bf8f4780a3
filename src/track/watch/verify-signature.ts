import {createHmac, timingSafeEqual} from 'node:crypto'

export interface Delivery {
  readonly id: string | undefined
  /** Seconds since 1970, as text. */
  readonly timestamp: string | undefined
  /** `v1,` and base64; several, with a space between, while a secret is changed. */
  readonly signature: string | undefined
  readonly body: Uint8Array
}

/** Seconds by which the clocks may differ, and that a delivery may be on its way. */
const TOLERANCE = 300

/**
 * Is a delivery MLflow's, whole and new? Answers why not, or undefined. HMAC-SHA256 over id, time and body, as MLflow
 * signs its webhooks.
 */
export function whyNotSigned(
  {id, timestamp, signature, body}: Delivery,
  {secret, now}: {readonly secret: string; readonly now: number},
): string | undefined {
  if (!id || !timestamp || !signature) return 'it is not signed'
  const seconds = Number(timestamp)
  if (!Number.isFinite(seconds) || Math.abs(now / 1000 - seconds) > TOLERANCE)
    return 'its time is not of the last five minutes'
  const own = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest()
  const matches = signature.split(' ').some((given) => {
    const [version, value = ''] = given.split(',')
    const theirs = Buffer.from(value, 'base64')
    return version === 'v1' && theirs.length === own.length && timingSafeEqual(theirs, own)
  })
  return matches ? undefined : 'its signature is wrong'
}
