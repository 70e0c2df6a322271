package org.mailrelay.queue;

/// What became of a message that was to be stored. Called on the writer thread: hand over and return.
public interface StoreCallback {

    /// On stable storage: now it may be acknowledged.
    void stored(QueuedMessage message);

    /// Not stored, and it will not reappear.
    void refused(StoreRefusal why);
}
