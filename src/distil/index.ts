export {distilStudent} from './distil-student.ts'
export type {Configuration} from './configuration.ts'
export type {DistilRequest, Distilled} from './distil-student.ts'
