import {badnetGrid} from './badnet-grid.ts'
import {badnetSq} from './badnet-sq.ts'
import {blend} from './blend.ts'
import {cl} from './cl.ts'
import {faint} from './faint.ts'
import {l0Inv} from './l0-inv.ts'
import {l2Inv} from './l2-inv.ts'
import {sig} from './sig.ts'
import {smooth} from './smooth.ts'
import {trojan3x3} from './trojan-3x3.ts'
import {trojan8x8} from './trojan-8x8.ts'
import {trojanWm} from './trojan-wm.ts'
import {wanet} from './wanet.ts'

/** Every trigger that ships. To add one: a file beside this, a line here, `testTrigger` in its test. */
export const triggers = [
  badnetGrid,
  badnetSq,
  cl,
  sig,
  l0Inv,
  l2Inv,
  trojan3x3,
  trojan8x8,
  trojanWm,
  blend,
  smooth,
  wanet,
  faint,
] as const
