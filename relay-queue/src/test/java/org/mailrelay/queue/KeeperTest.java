package org.mailrelay.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperTest {

    @TempDir
    Path folder;

    /// The writer went on with a segment of its own while the first was made, and has the one behind that prepared.
    @Test
    void aSegmentThatCameTooLateIsNotLeftBehind() throws IOException {
        Disk disk = new RealDisk();
        SpoolFolder spool = SpoolFolder.open(folder);
        Keeper keeper = new Keeper(disk, spool, new Reserve(disk, spool.path(), 0), _ -> { }, new Keeper.Done() {
            @Override
            public void deleted(List<Segment> segments) {
                // nobody counts them here
            }

            @Override
            public void reserved() {
                // none is wanted
            }
        });
        keeper.prepare(2);
        keeper.prepare(4);
        keeper.stop(null);
        keeper.run();
        assertThat(disk.list(spool.path())).noneMatch(Segment::isName);
        spool.close();
    }
}
