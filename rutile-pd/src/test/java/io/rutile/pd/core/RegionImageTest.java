package io.rutile.pd.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.rutile.proto.metapb.Peer;
import io.rutile.proto.metapb.Region;
import io.rutile.proto.metapb.RegionEpoch;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegionImageTest {
  private static final int KEYS = 40;

  private static String text(int key) {
    return key <= 0 || key >= KEYS ? "" : "k%02d".formatted(key);
  }

  private static RegionInfo region(long id, int start, int end, long version, long store) {
    Region meta =
        Region.newBuilder()
            .setId(id)
            .setStartKey(ByteString.copyFromUtf8(text(start)))
            .setEndKey(ByteString.copyFromUtf8(text(end)))
            .setRegionEpoch(RegionEpoch.newBuilder().setConfVer(1).setVersion(version))
            .addPeers(Peer.newBuilder().setId(id).setStoreId(store))
            .build();
    RegionFlow flow = RegionFlow.NONE.withSize(10, 100);
    return RegionInfo.ofMeta(meta, meta.getPeers(0)).withFlow(flow);
  }

  private record Span(int start, int end, long version, long store) {}

  /** Against a model that keeps intervals in a plain map. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void agreesWithAModel(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Map<Long, Span> model = new TreeMap<>();
    RegionImage image = RegionImage.EMPTY;
    for (int step = 0; step < 3_000; step++) {
      long id = random.nextInt(1, 15);
      int start = random.nextInt(KEYS);
      int end = random.nextInt(start + 1, KEYS + 1);
      Span span = new Span(start, end, random.nextInt(1, 200), random.nextInt(1, 4));
      RegionInfo report = region(id, start, end, span.version, span.store);
      boolean accepted = accepts(model, id, span);
      assertThat(image.staleness(report) == null)
          .as("seed %d step %d", seed, step)
          .isEqualTo(accepted);
      if (accepted) {
        model.values().removeIf(other -> overlap(other, span));
        model.remove(id);
        model.put(id, span);
        image = image.put(report);
      } else if (random.nextInt(20) == 0) {
        model.clear();
        image = RegionImage.EMPTY;
      }
      compare(image, model);
    }
  }

  private static boolean overlap(Span a, Span b) {
    return a.start < b.end && b.start < a.end;
  }

  private static boolean accepts(Map<Long, Span> model, long id, Span span) {
    Span known = model.get(id);
    boolean same = known != null && known.start == span.start && known.end == span.end;
    if (!same
        && model.values().stream()
            .anyMatch(other -> overlap(other, span) && span.version < other.version)) {
      return false;
    }
    return known == null || span.version >= known.version;
  }

  private static void compare(RegionImage image, Map<Long, Span> model) {
    assertThat(image.size()).isEqualTo(model.size());
    assertThat(image.tree().size()).isEqualTo(model.size());
    assertThat(image.totalSizeMib()).isEqualTo(10L * model.size());
    for (int key = 0; key < KEYS; key++) {
      int at = key;
      RegionInfo found = image.tree().find(text(key).getBytes(StandardCharsets.UTF_8));
      Long expected =
          model.entrySet().stream()
              .filter(e -> e.getValue().start <= at && at < e.getValue().end)
              .map(Map.Entry::getKey)
              .findFirst()
              .orElse(null);
      assertThat(found == null ? null : (Long) found.id()).isEqualTo(expected);
    }
    for (long store = 1; store <= 3; store++) {
      long on = store;
      assertThat(image.onStore(store).leaderCount())
          .isEqualTo((int) model.values().stream().filter(s -> s.store == on).count());
    }
    for (int rank = 0; rank < image.tree().size(); rank++) {
      assertThat(image.tree().rank(image.tree().at(rank).startKey())).isEqualTo(rank);
    }
  }

  @Test
  void neighboursTouch() {
    RegionImage image =
        RegionImage.EMPTY
            .put(region(1, 0, 10, 1, 1))
            .put(region(2, 10, 20, 1, 1))
            .put(region(3, 25, KEYS, 1, 1));
    RegionTree tree = image.tree();
    RegionInfo second = image.region(2);

    assertThat(tree.before(second).id()).isEqualTo(1);
    assertThat(tree.after(second)).as("a hole follows").isNull();
    assertThat(tree.previous("k10".getBytes(StandardCharsets.UTF_8)).id()).isEqualTo(1);
    assertThat(tree.scan(new byte[0], new byte[0], 0))
        .extracting(RegionInfo::id)
        .isEqualTo(List.of(1L, 2L, 3L));
  }
}
