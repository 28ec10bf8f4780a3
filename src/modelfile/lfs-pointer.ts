/** How a Git LFS pointer begins, which stands where the file itself was not fetched. */
export const lfsPointer = 'version https://git-lfs.github.com/spec/'
