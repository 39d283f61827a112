/* Moves the machine's wall clock for one process by the seconds that a file holds; other clocks stay as they are. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *at)
{
    long seconds = 0;
    const char *path = getenv("PANSHI_CLOCK_STEP");
    int result = (int)syscall(SYS_clock_gettime, clock, at);
    if (result != 0 || clock != CLOCK_REALTIME || path == NULL)
        return result;
    FILE *file = fopen(path, "r");
    if (file != NULL) {
        if (fscanf(file, "%ld", &seconds) == 1)
            at->tv_sec += seconds;
        fclose(file);
    }
    return 0;
}
