package io.bloodnet.imaging.growing;

/** Bytes that all studies may take together, in memory and in temporary files. Safe for all threads. */
final class Room {

    private long heapLeft;
    private long fileLeft;

    Room(long heapBytes, long fileBytes) {
        this.heapLeft = heapBytes;
        this.fileLeft = fileBytes;
    }

    synchronized boolean takeHeap(int bytes) {
        if (heapLeft < bytes) {
            return false;
        }
        heapLeft -= bytes;
        return true;
    }

    synchronized boolean takeFile(int bytes) {
        if (fileLeft < bytes) {
            return false;
        }
        fileLeft -= bytes;
        return true;
    }

    synchronized void giveBack(long heapBytes, long fileBytes) {
        heapLeft += heapBytes;
        fileLeft += fileBytes;
    }
}
