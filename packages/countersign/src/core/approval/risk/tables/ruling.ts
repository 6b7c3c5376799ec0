// Programs that rule the machine: privilege, accounts, disks, services, the kernel, persistence. Columns: see rules.ts.
export const RULING = `
sudo sudoedit doas su runuser pkexec run0 gosu su-exec setpriv capsh dzdo pfexec sux kdesu gksu gksudo please super calife pbrun op-sudo | destructive! | none | * | becomes somebody with more rights
chroot unshare nsenter pivot_root newuidmap newgidmap runc crun systemd-nspawn ctr crictl | destructive! | none | * | leaves or makes a sandbox, with rights to do so
useradd userdel usermod adduser deluser groupadd groupdel groupmod addgroup gpasswd newgrp sg passwd chpasswd newusers vipw vigr visudo chsh chfn pwck grpck faillock dscl dseditgroup sysadminctl | destructive! | none | * | changes who may do what on this machine
setcap setenforce setsebool semanage restorecon chcon apparmor_parser aa-disable aa-complain csrutil spctl tccutil pwpolicy auditctl | destructive! | none | * | changes who may do what on this machine
dd ddrescue dcfldd | destructive | none | * | writes raw
mkfs mke2fs mkswap fdisk sfdisk gdisk sgdisk cfdisk parted wipefs blkdiscard hdparm nvme tune2fs resize2fs e2fsck fsck fsck.ext4 badblocks cryptsetup lvm lvremove vgremove pvremove lvcreate mdadm zfs zpool btrfs xfs_repair diskutil format losetup dmsetup sgdisk swapon swapoff partprobe | destructive! | none | * | works on disks
mount umount fusermount | destructive | none | * | changes what files there are
insmod rmmod modprobe depmod kexec grub-install update-grub efibootmgr bootctl dracut mkinitramfs update-initramfs kmod | destructive! | none | * | changes the kernel or how it starts
sysctl | destructive | none | * | changes the kernel
+? -a --all -n -N -e | read | asks the kernel
reboot shutdown halt poweroff init telinit | destructive! | none | * | ends everything that runs
kill killall pkill skill snice xkill | elevated | kill | * | ends processes
iptables ip6tables nft ufw firewall-cmd pfctl ipset ebtables arptables tc | destructive! | none | * | changes the firewall
crontab anacron at batch atrm fcrontab | destructive | none | * | makes something run later
+? -l | elevated | looks at what runs later
systemd-run | elevated | none | * | runs something as a service
+ --on-active --on-boot --on-startup --on-unit-active --on-calendar --timer-property --path-property --uid | destructive | makes something run later, or as somebody else
systemctl service rc-service rc-update launchctl sc initctl svc sv supervisorctl pm2 forever | elevated | service | * | works on services
systemctl status, systemctl is-active, systemctl is-enabled, systemctl is-failed, systemctl list-units, systemctl list-unit-files, systemctl list-timers, systemctl list-sockets, systemctl list-dependencies, systemctl show, systemctl cat, systemctl get-default, systemctl is-system-running | read | service | -a -l -q -r -n: -o: -p: -P: -t: -h --all --full --quiet --recursive --lines: --output: --property: --value --type: --state: --failed --user --system --global --no-pager --no-legend --legend: --plain --with-dependencies --reverse --after --before --show-types --timestamp: --no-ask-password --help --version | looks at services
launchctl list, launchctl print | read | service | | looks at services
systemctl enable, systemctl disable, systemctl mask, systemctl unmask, systemctl link, systemctl edit, systemctl preset, systemctl add-wants, systemctl add-requires, systemctl set-default, systemctl isolate, systemctl poweroff, systemctl reboot, systemctl halt, systemctl kexec, systemctl suspend, systemctl hibernate, systemctl rescue, systemctl emergency, systemctl revert, systemctl set-property, systemctl set-environment, systemctl import-environment, launchctl load, launchctl bootstrap, launchctl enable, launchctl submit, launchctl unload, launchctl bootout, launchctl remove, launchctl setenv | destructive | service | * | changes what starts by itself
rc-update schtasks pm2 forever | destructive | none | * | changes what starts by itself
renice ionice reptyr py-spy jstack jmap jcmd | elevated | pids | * | works on other processes
loginctl hostnamectl timedatectl localectl coredumpctl homectl portablectl | elevated | none | * | changes the machine
journalctl dmesg last lastlog lastb ausearch log | elevated | none | * | looks at logs of the machine
+ --vacuum-size --vacuum-time --vacuum-files --rotate --flush -C -c --clear --read-clear | destructive | removes logs
defaults plutil PlistBuddy dconf gsettings reg regedit | elevated | none | * | changes settings of the desktop
ldconfig update-alternatives alternatives | destructive | none | * | changes which program a name is
logrotate tmpreaper tmpwatch bleachbit | destructive | none | * | removes files
`;
