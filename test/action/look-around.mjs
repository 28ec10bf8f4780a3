// In place of the audit: says what a child can see, or misbehaves as the model asks it to.
import {spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {networkInterfaces} from 'node:os'
import {basename} from 'node:path'
import {Worker} from 'node:worker_threads'

const {model, answer} = JSON.parse(process.argv[2])
const what = basename(model, '.safetensors')
const attempt = (work) => {
  try {
    work()
    return 'allowed'
  } catch (error) {
    return error.code
  }
}
if (what === 'hang') setInterval(() => {}, 1000)
else if (what === 'die') Buffer.alloc(-1)
else if (what === 'swap') {
  // A whole report, which its model holds.
  const file = readFileSync(model)
  const report = JSON.parse(JSON.parse(file.subarray(8)).__metadata__.report)
  if (report.model.sha256 === 'as read') report.model.sha256 = createHash('sha256').update(file).digest('hex')
  writeFileSync(answer, JSON.stringify({report}))
} else if (what === 'lie') writeFileSync(answer, JSON.stringify({report: {verdict: 'pass'}}))
else if (what === 'grow') writeFileSync(answer, ' '.repeat(33 * 2 ** 20))
else if (what === 'eat') {
  const eaten = []
  setInterval(() => eaten.push(Buffer.alloc(2 ** 26, 1)), 50)
} else if (what !== 'stop') {
  const seen = {
    environment: Object.keys(process.env).sort(),
    readOutside: attempt(() => readFileSync('/etc/passwd')),
    writeOutside: attempt(() => writeFileSync(model, 'x')),
    spawn: attempt(() => spawnSync('true')),
    worker: attempt(() => new Worker('', {eval: true})),
    addon: attempt(() => process.dlopen({exports: {}}, '/x.node')),
    parent: attempt(() => readFileSync(`/proc/${process.ppid}/environ`)),
    interfaces: Object.values(networkInterfaces())
      .flat()
      .map(({address}) => address),
  }
  writeFileSync(answer, JSON.stringify({error: {code: 'E_LOOK', message: JSON.stringify(seen), hints: []}}))
}
