/** What abd asks every plugin: what do you bring? Loaded only when a command wants to know, so that help stays quick. */
export default async () => {
  const {dafl} = await import('./dafl.js')
  return {name: 'abd-plugin-dafl', methods: [dafl]}
}
