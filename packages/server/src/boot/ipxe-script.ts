// iPXE scripts: the one that every machine starts with, and the one that boots the agent's ramdisk.

export const CHAIN_SCRIPT_NAME = 'boot.ipxe';

/** Tries of a download before the script gives up; a switch port may take its time. */
const DOWNLOAD_TRIES = 5;
const PAUSE_SECONDS = 3;

/** The first script: it fetches the script of the machine, and leaves machines without one to their next boot device. */
export function chainScript(configSubdir: string, fallbackScript: string | null): string {
  return `#!ipxe
# Made by Wrought; changes are lost.
echo Wrought: looking for the boot script of \${netX/mac}
chain --autofree ${configSubdir}/\${netX/mac:hexhyp} || goto none

:none
echo Wrought: no boot script for \${netX/mac}; this machine is not being deployed or cleaned, or its port is not enrolled.
${fallbackScript === null ? '' : `chain --autofree ${fallbackScript} ||\n`}echo Wrought: going on with the next boot device.
exit
`;
}

export interface RamdiskScript {
  readonly kernelUrl: string;
  readonly ramdiskUrl: string;
  readonly kernelArguments: readonly string[];
  /** Milliseconds for one download; 0: no limit. */
  readonly timeoutMilliseconds: number;
  readonly fallbackScript: string | null;
}

/** The script that boots the ramdisk. `BOOTIF` is filled in by iPXE with the card that it boots from. */
export function ramdiskScript(script: RamdiskScript): string {
  const timeout = script.timeoutMilliseconds > 0 ? ` --timeout ${script.timeoutMilliseconds}` : '';
  const args = ['initrd=deploy_ramdisk', ...script.kernelArguments, `BOOTIF=\${netX/mac}`].join(' ');
  const giveUp =
    script.fallbackScript === null
      ? 'echo Wrought: the ramdisk can not be downloaded; restarting in 30 s to try again.\nsleep 30\nreboot'
      : `chain --autofree ${script.fallbackScript} || reboot`;
  return `#!ipxe
# Made by Wrought; changes are lost.
set try:int32 0

:deploy
imgfree
echo Wrought: booting the ramdisk
kernel${timeout} ${script.kernelUrl} ${args} || goto retry
initrd${timeout} --name deploy_ramdisk ${script.ramdiskUrl} || goto retry
boot || goto retry

:retry
inc try
iseq \${try} ${DOWNLOAD_TRIES} && goto give_up ||
echo Wrought: that failed, trying again in ${PAUSE_SECONDS} s
sleep ${PAUSE_SECONDS}
goto deploy

:give_up
${giveUp}
`;
}

/** For machines that boot from the network although their disk was chosen: leave the network boot at once. */
export function localDiskScript(): string {
  return `#!ipxe
# Made by Wrought; changes are lost.
echo Wrought: booting from the local disk
iseq \${platform} pcbios && sanboot --no-describe --drive 0x80 ||
exit
`;
}
