using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Shouldly;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using Xunit;
using static TreasuryLedger.Server.Tests.Journal.TestLedger;

namespace TreasuryLedger.Server.Tests.Journal;

/// <summary>What a server says of itself to whoever listens to its meters.</summary>
public sealed class JournalMeterTests(Databases databases)
{
    [Fact]
    public async Task commits_folds_and_what_is_kept_are_told()
    {
        var told = new ConcurrentDictionary<string, (double Most, string From)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == JournalMeter.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Take(instrument, value, tags));
        listener.Start();
        await using var ledger = new TestLedger(await databases.NewAsync());
        await ledger.OpenAsync();
        await ledger.RecordAsync("buy", Buy());

        var view = ((ReadOutcome<TreasuryView>.Found)await ledger.Reader.ReadTreasuryAsync(
            Tenant, Main.Id!, null, 0, TestContext.Current.CancellationToken)).View;
        view.At(Instant.Max).State.Balances().ShouldNotBeEmpty();
        listener.RecordObservableInstruments();

        told["treasury.commit.time"].Most.ShouldBeInRange(0.000_001, 60);
        told["treasury.books.folded"].Most.ShouldBeGreaterThanOrEqualTo(1);
        told["treasury.books.folded"].From.ShouldContain("beginning");
        told["treasury.journals.cached"].Most.ShouldBeGreaterThanOrEqualTo(1);
        told["treasury.journals.cached.entries"].Most.ShouldBeGreaterThanOrEqualTo(view.Treasury.Entries.Count);
        told["treasury.books.checkpoints"].Most.ShouldBeGreaterThanOrEqualTo(1);
        GC.KeepAlive(ledger.Reader);

        // Other tests of the process are told too: only that ours is among them is sure.
        void Take(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var from = tags.IsEmpty ? "" : tags[0].Value!.ToString()!;
            told.AddOrUpdate(
                instrument.Name,
                (value, from),
                (_, before) => (Math.Max(before.Most, value), before.From + from));
        }
    }
}
