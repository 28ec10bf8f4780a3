// Records a file and brings it to an MLflow server; prints the peak resident memory in megabytes. JavaScript, of what is
// built: a process that strips types takes 18 MB for that.
// send-artifact.mjs FOLDER FILE URI
import {openMlflow, replay, startTracking, trackingSettings} from '@abd/core/track'
import {rm} from 'node:fs/promises'

const [, , root = '', path = '', uri = ''] = process.argv
const {recorder, end} = await startTracking(
  {
    root: `${root}/track`,
    settings: undefined,
    destination: {experimentName: 'bench'},
    name: 'a large file',
    source: 'bench',
    environment: {},
  },
  {now: () => Date.now(), note: (line) => process.stderr.write(`${line}\n`)},
)
await recorder.file('weights.bin', path)
const {journal} = await end('FINISHED')
{
  await using client = await openMlflow(trackingSettings({}, {uri}))
  await replay(journal, client, {sleep: async () => {}})
}
await rm(journal, {recursive: true})
process.stdout.write(String(Math.round((process.resourceUsage().maxRSS * 1024) / 1e6)))
