/* Lets every sync of the process fail once a file exists: the disk of a test that breaks on demand. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int fdatasync(int fd)
{
    const char *broken = getenv("PANSHI_BROKEN_DISK");
    if (broken != NULL && access(broken, F_OK) == 0) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}
