export {distilStudent} from './distil-student.ts'
export type {DistilRequest} from './distil-student.ts'
export type {Configuration} from './configuration.ts'
export type {Distilled} from './teach-student.ts'
