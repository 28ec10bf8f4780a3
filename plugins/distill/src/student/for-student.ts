import type {Defence} from '@abd/core'

/** Of a defence what is for the student where its images are synthesised: none of those is suspicious. */
export const forStudent = (defence: Defence): Defence =>
  defence.retrospect ? {retrospect: (batch) => defence.retrospect!(batch)} : {}
