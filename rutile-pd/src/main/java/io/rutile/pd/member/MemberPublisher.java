package io.rutile.pd.member;

import io.rutile.pd.meta.Leadership;
import io.rutile.pd.meta.MetaKv;
import io.rutile.pd.meta.MetaStore;
import io.rutile.pd.meta.MetaStoreException;
import io.rutile.proto.pdmetapb.MemberRecord;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the group's record of this member says what is true: its name and where clients
 * and members reach it. Tries with each leader until it does. A virtual thread of its own.
 */
public final class MemberPublisher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(MemberPublisher.class);
  private static final long RETRY_MILLIS = 500;

  private final MetaStore store;
  private final LeaderLine leader;
  private final MemberRecord self;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean running = true;

  public MemberPublisher(MetaStore store, LeaderLine leader, MemberRecord self) {
    this.store = store;
    this.leader = leader;
    this.self = self;
    this.thread = Thread.ofVirtual().name("pd-publish").unstarted(this::run);
  }

  public void start() {
    store.onLeadershipChange(change -> wake.release());
    thread.start();
  }

  /** Whether the group knows this member as it is. */
  public boolean isPublished() {
    return store.members().contains(self);
  }

  private void run() {
    try {
      while (running) {
        if (!isPublished()) {
          publish();
        }
        wake.tryAcquire(RETRY_MILLIS, TimeUnit.MILLISECONDS);
        wake.drainPermits();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void publish() {
    Leadership now = store.leadership();
    if (now.leaderId() == 0 || (now.leaderId() == self.getId() && !now.serving())) {
      return;
    }
    CompletionStage<Void> done =
        now.serving() ? store.updateMember(self) : leader.publish(now.leaderId(), self);
    try {
      MetaKv.await(done);
    } catch (MetaStoreException e) {
      LOG.debug("cannot publish this member yet: {}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.debug("cannot publish this member yet", e);
    }
  }

  @Override
  public void close() {
    running = false;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
