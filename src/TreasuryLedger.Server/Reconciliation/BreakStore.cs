using System.Collections.Immutable;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using TreasuryLedger.Core.Time;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;

namespace TreasuryLedger.Server.Reconciliation;

/// <summary>What became of a break.</summary>
public enum BreakStatus
{
    /// <summary>Found; nobody has it yet.</summary>
    Opened,

    /// <summary>Somebody looks into it.</summary>
    Assigned,

    /// <summary>It stays as it is, and somebody answers for that.</summary>
    Accepted,

    /// <summary>It was mended, or is found no more. Found again, it is opened again.</summary>
    Resolved,
}

/// <summary>A step of a break's life.</summary>
/// <param name="Status">What it became.</param>
/// <param name="Owner">Whose it is from then on, if that was said.</param>
/// <param name="Note">What was said about it.</param>
/// <param name="By">Who took the step.</param>
/// <param name="At">When.</param>
public sealed record BreakStep(BreakStatus Status, string? Owner, string? Note, string By, Instant At);

/// <summary>A step to take.</summary>
/// <param name="Status">What the break becomes: assigned, accepted or resolved.</param>
/// <param name="Owner">For assigned: whose it is.</param>
/// <param name="Note">Why; needed to accept it.</param>
public sealed record BreakDecision(BreakStatus Status, string? Owner = null, string? Note = null);

/// <summary>A break and what became of it.</summary>
/// <param name="Break">The break.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Owner">Whose it is.</param>
/// <param name="OpenedAt">Since when it is known.</param>
/// <param name="AgeDays">For how many whole days, until it was accepted or resolved.</param>
/// <param name="Steps">What was done, in order.</param>
public sealed record BreakStanding(
    Break Break,
    BreakStatus Status,
    string? Owner,
    Instant OpenedAt,
    long AgeDays,
    ImmutableArray<BreakStep> Steps)
{
    /// <summary>Whether somebody still has to look at it.</summary>
    public bool IsOpen() => Status is BreakStatus.Opened or BreakStatus.Assigned;
}

/// <summary>Steps of breaks. They are added and never changed.</summary>
/// <param name="databases">Where journals lie.</param>
public sealed class BreakStore(TenantDatabases databases)
{
    private const long DayMicroseconds = 24L * 3_600 * 1_000_000;

    /// <summary>Every break that was kept, the oldest first.</summary>
    public async Task<ImmutableArray<BreakStanding>> ListAsync(JournalKey journal, CancellationToken cancellation)
    {
        await using var select = new TenantCommand(
            await databases.OfAsync(journal.Tenant, cancellation),
            journal,
            """
            select break, status, about, owner, note, made_by, made_at, clock_timestamp() from ledger.break_steps
            where tenant = $1 and journal = $2 order by break, step
            """);
        await using var rows = await select.ExecuteReaderAsync(cancellation);
        var all = new List<(string Id, Break? About, BreakStep Step)>();
        var now = default(Instant);
        while (await rows.ReadAsync(cancellation))
        {
            all.Add((
                rows.GetString(0),
                rows.IsDBNull(2) ? null : JsonSerializer.Deserialize<Break>(rows.GetString(2), Wire.Options),
                new BreakStep(
                    Enum.Parse<BreakStatus>(rows.GetString(1), ignoreCase: true),
                    rows.IsDBNull(3) ? null : rows.GetString(3), rows.IsDBNull(4) ? null : rows.GetString(4),
                    rows.GetString(5), JournalRows.InstantOf(rows, 6))));
            now = JournalRows.InstantOf(rows, 7);
        }

        return
        [
            .. all.GroupBy(one => one.Id).Select(one => Of(
                one.Last(step => step.About is not null).About!, [.. one.Select(step => step.Step)], now))
                .OrderBy(one => one.OpenedAt).ThenBy(one => one.Break.Id, StringComparer.Ordinal),
        ];
    }

    /// <summary>A break with its steps.</summary>
    /// <param name="about">The break.</param>
    /// <param name="steps">At least one, in order.</param>
    /// <param name="now">Until when an open one has aged.</param>
    public static BreakStanding Of(Break about, ImmutableArray<BreakStep> steps, Instant now)
    {
        var last = steps[^1];
        var opened = steps.Last(step => step.Status == BreakStatus.Opened).At;
        var until = last.Status is BreakStatus.Opened or BreakStatus.Assigned ? now : last.At;
        return new BreakStanding(
            about, last.Status, steps.LastOrDefault(step => step.Owner is not null)?.Owner, opened,
            (until.Microseconds - opened.Microseconds) / DayMicroseconds, steps);
    }

    /// <summary>Adds a step, unless somebody else took one in the same moment.</summary>
    /// <returns>Whether it was added.</returns>
    public async Task<bool> AddAsync(
        JournalKey journal,
        Break about,
        int stepsBefore,
        BreakDecision decision,
        string actor,
        CancellationToken cancellation)
    {
        await using var insert = new TenantCommand(
            await databases.AssignedAsync(journal.Tenant, cancellation),
            journal,
            """
            insert into ledger.break_steps (tenant, journal, break, step, status, about, owner, note, made_by)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing
            """);
        insert.Parameters.Add(JournalRows.Text(about.Id));
        insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = stepsBefore + 1 });
        insert.Parameters.Add(JournalRows.Text(WordConverterFactory.WordOf(decision.Status)));
        insert.Parameters.Add(new NpgsqlParameter
        {
            Value = stepsBefore == 0 || decision.Status == BreakStatus.Opened
                ? JsonSerializer.Serialize(about, Wire.Options)
                : DBNull.Value,
            NpgsqlDbType = NpgsqlDbType.Jsonb,
        });
        insert.Parameters.Add(TextOrNull(decision.Owner));
        insert.Parameters.Add(TextOrNull(decision.Note));
        insert.Parameters.Add(JournalRows.Text(actor));
        return await insert.ExecuteNonQueryAsync(cancellation) == 1;
    }

    private static NpgsqlParameter TextOrNull(string? value) =>
        new() { Value = (object?)value ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text };
}
