/** A traffic sign of GTSRB (the German Traffic Sign Recognition Benchmark): its class is its place in the list. */
export interface SignClass {
  /** In English, as GTSRB's authors describe it. */
  readonly name: string
  /** The drawing it is rendered from, in mapillary_sprite_source's `package_signs`. */
  readonly sprite: string
}

const r = (name: string, sprite: string): SignClass => ({name, sprite: `regulatory--${sprite}`})
const w = (name: string, sprite: string): SignClass => ({name, sprite: `warning--${sprite}`})

/** All 43, in GTSRB's order. */
export const signClasses: readonly SignClass[] = [
  r('speed limit 20', 'maximum-speed-limit-20--g1'),
  r('speed limit 30', 'maximum-speed-limit-30--g1'),
  r('speed limit 50', 'maximum-speed-limit-50--g1'),
  r('speed limit 60', 'maximum-speed-limit-60--g1'),
  r('speed limit 70', 'maximum-speed-limit-70--g1'),
  r('speed limit 80', 'maximum-speed-limit-80--g1'),
  r('end of speed limit 80', 'end-of-maximum-speed-limit-80--g1'),
  r('speed limit 100', 'maximum-speed-limit-100--g1'),
  r('speed limit 120', 'maximum-speed-limit-120--g1'),
  r('no overtaking', 'no-overtaking--g1'),
  r('no overtaking by lorries', 'no-overtaking-by-heavy-goods-vehicles--g1'),
  w('priority at next junction', 'crossroads--g1'),
  r('priority road', 'priority-road--g1'),
  r('give way', 'yield--g1'),
  r('stop', 'stop--g1'),
  r('no vehicles', 'road-closed-to-vehicles--g3'),
  r('no lorries', 'no-heavy-goods-vehicles--g1'),
  r('no entry', 'no-entry--g1'),
  w('danger', 'other-danger--g1'),
  w('bend left', 'curve-left--g1'),
  w('bend right', 'curve-right--g1'),
  w('double bend', 'double-curve-first-left--g1'),
  w('uneven road', 'uneven-road--g1'),
  w('slippery road', 'slippery-road-surface--g1'),
  w('road narrows on the right', 'road-narrows-right--g1'),
  w('roadworks', 'roadworks--g3'),
  w('traffic lights', 'traffic-signals--g1'),
  w('pedestrians', 'pedestrians-crossing--g1'),
  w('children', 'children--g1'),
  w('cyclists', 'bicycles-crossing--g1'),
  w('ice or snow', 'icy-road--g1'),
  w('wild animals', 'wild-animals--g1'),
  r('end of all restrictions', 'end-of-prohibition--g1'),
  r('turn right ahead', 'turn-right-ahead--g1'),
  r('turn left ahead', 'turn-left-ahead--g1'),
  r('ahead only', 'go-straight--g1'),
  r('ahead or right', 'go-straight-or-turn-right--g1'),
  r('ahead or left', 'go-straight-or-turn-left--g1'),
  r('keep right', 'keep-right--g1'),
  r('keep left', 'keep-left--g1'),
  r('roundabout', 'roundabout--g1'),
  r('end of no overtaking', 'end-of-no-overtaking--g1'),
  r('end of no overtaking by lorries', 'end-of-no-overtaking-by-heavy-goods-vehicles--g1'),
]

/** Ten classes that differ at a glance: small enough for a demonstration that trains in a minute. */
export const demoSignClasses: readonly number[] = [1, 2, 4, 12, 13, 14, 17, 25, 33, 38]
