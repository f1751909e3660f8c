import { execFileSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** An ext4 file system of its own, in a file. Its end unmounts and removes it. */
export interface Image extends Disposable {
  readonly mountpoint: string
  /** Power fails: from now on nothing reaches the disk, not even what the kernel holds already. */
  cut(): void
  /** Power is back: mounts the file system again as it is on the disk. Nobody may have a file of it open. */
  remount(): void
}

/** `_IOR('X', 125, __u32)` of ext4, and the flag that keeps even its journal from being written. */
const EXT4_IOC_SHUTDOWN = 0x8004587d
const NO_LOG_FLUSH = 2

/** Perl is on every Debian; Node.js has no ioctl. */
const SHUTDOWN = `
  opendir(my $d, $ARGV[0]) or die "opendir: $!";
  sysopen(my $f, $ARGV[0], 0) or die "open: $!";
  my $flags = pack("I", ${NO_LOG_FLUSH});
  defined(ioctl($f, ${EXT4_IOC_SHUTDOWN}, $flags)) or die "ioctl: $!";
`

export function openImage(mebibytes: number): Image {
  const root = mkdtempSync(join(tmpdir(), 'parley-disk-'))
  const file = join(root, 'image')
  const mountpoint = join(root, 'mnt')
  const handle = openSync(file, 'w')
  ftruncateSync(handle, mebibytes * 1024 * 1024)
  closeSync(handle)
  mkdirSync(mountpoint)
  const mount = () => run('mount', '-o', 'loop', file, mountpoint)
  const unmount = () => run('umount', mountpoint)
  try {
    // Without blocks kept for root, who runs this: full is full.
    run('mkfs.ext4', '-q', '-F', '-m', '0', file)
    mount()
  } catch (error) {
    rmSync(root, { recursive: true })
    throw error
  }
  return {
    mountpoint,
    cut: () => run('perl', '-e', SHUTDOWN, mountpoint),
    remount() {
      unmount()
      mount()
    },
    [Symbol.dispose]() {
      unmount()
      rmSync(root, { recursive: true })
    },
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 30_000, env: { ...process.env, PATH } })
}

/** Where system tools are, also for users who don't have them on their PATH. */
const PATH = `${process.env.PATH}:/usr/sbin:/sbin`

/**
 * Why file systems can't be mounted here. It is `expected` of a machine where this process is not root, or is not allowed
 * what root is, as in a container; not of one where a program is missing.
 */
export function whyNoImage(): { readonly why: string; readonly expected: boolean } | undefined {
  if (process.getuid?.() !== 0) return { why: 'only root may mount file systems', expected: true }
  if (!existsSync('/dev/loop-control')) return { why: 'this machine has no loop devices', expected: true }
  try {
    using image = openImage(8)
    image.cut()
    return undefined
  } catch (error) {
    const why = `root and loop devices are here, but: ${error}`
    return { why, expected: why.includes('Command failed: mount') }
  }
}
