using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Server.Journal;
using TreasuryLedger.Server.Platform;
using TreasuryLedger.Server.Platform.Json;
using Wolverine;

namespace TreasuryLedger.Server.Facts;

/// <summary>What came of making entries of a payload.</summary>
/// <param name="Source">By whose terms it was read.</param>
/// <param name="Version">Which version of them.</param>
/// <param name="Payload">SHA-256 of the payload, by which it can be read back and run again.</param>
/// <param name="Rows">Rows that were read.</param>
/// <param name="Recorded">Entries that are new.</param>
/// <param name="Found">Entries that stood already by the same telling.</param>
/// <param name="Evidence">Facts that stood already by another telling, to which this one is added.</param>
/// <param name="Breaks">Facts that stand with other terms: a person decides.</param>
/// <param name="PassedOver">Rows that say nothing that is recorded.</param>
/// <param name="Parked">Rows that wait for a registration or another fact; run the payload again after it.</param>
/// <param name="Rejected">Rows that are wrong.</param>
/// <param name="Problems">The first of both, and what was seen beside, by row.</param>
/// <param name="Position">The newest position of the journal after it.</param>
public sealed record ImportReport(
    string Source,
    long Version,
    string Payload,
    long Rows,
    long Recorded,
    long Found,
    long Evidence,
    long Breaks,
    long PassedOver,
    long Parked,
    long Rejected,
    ImmutableArray<RowProblem> Problems,
    long Position);

/// <summary>Makes entries of payloads. Whatever was recorded before it stops is found by the next run.</summary>
/// <param name="services">The program's.</param>
/// <param name="store">Where payloads are kept.</param>
/// <param name="fills">Where payloads of fills begin and end.</param>
/// <param name="running">Shows how far it is.</param>
public sealed class FactImporter(
    IServiceProvider services, FactStore store, FillSpans fills, RunningImports running)
{
    /// <summary>Problems that a report lists (inclusive); all are counted.</summary>
    public const int ProblemsMax = 1_000;

    /// <summary>Rows of one submission.</summary>
    private const int Part = 2_000;

    /// <summary>Keeps a payload and makes entries of it.</summary>
    /// <param name="journal">The treasury.</param>
    /// <param name="source">By whose terms.</param>
    /// <param name="content">The payload.</param>
    /// <param name="name">Its file's name, if it has one.</param>
    /// <param name="actor">Who is written into the entries.</param>
    /// <param name="check">Is asked about every command.</param>
    /// <param name="cancellation">Stops it between two parts.</param>
    /// <exception cref="ProblemException">The source is not known, or none of it can be read or recorded.</exception>
    public async Task<ImportReport> ImportAsync(
        JournalKey journal,
        string source,
        Stream content,
        string? name,
        string actor,
        Action<JournalKind, Command>? check,
        CancellationToken cancellation)
    {
        var registered = await SourceAsync(journal, source, cancellation);
        await using var file = await PayloadFile.ReceiveAsync(content, cancellation);
        var about = new KeptPayload("", source, name, file.Length, null, null, actor, default);
        await store.KeepAsync(journal, file, about, waits: false, cancellation);
        return await RunAsync(journal, registered, file, actor, check, cancellation);
    }

    /// <summary>Makes entries of a payload that is kept, by the terms that its source has now.</summary>
    /// <inheritdoc cref="ImportAsync"/>
    public async Task<ImportReport> RunAgainAsync(
        JournalKey journal,
        KeptPayload payload,
        string actor,
        Action<JournalKind, Command>? check,
        CancellationToken cancellation)
    {
        var registered = await SourceAsync(journal, payload.Source, cancellation);
        var parts = store.ContentAsync(journal, Convert.FromHexString(payload.Hash), cancellation);
        await using var file = await PayloadFile.ReceiveAsync(new PartStream(parts), cancellation);
        return await RunAsync(journal, registered, file, actor, check, cancellation);
    }

    private async Task<RegisteredSource> SourceAsync(
        JournalKey journal, string source, CancellationToken cancellation) =>
        await store.FindAsync(journal, source, cancellation) ?? throw ProblemException.Of(
            ErrorRegistry.SourceUnknown, $"No source {source} is registered.", ("source", source));

    private async Task<ImportReport> RunAsync(
        JournalKey journal,
        RegisteredSource source,
        PayloadFile file,
        string actor,
        Action<JournalKind, Command>? check,
        CancellationToken cancellation)
    {
        var run = new ImportRun(services, store, journal, source, file.Hash, actor, check);
        using (running.Begin(journal, source.Source, file, () => run.Rows))
        {
            // While one part is recorded the rows of the next one are noted, and those of the one behind it are read.
            var edges = new FillEdges((pair, ends, stop) =>
                fills.SettleAsync(journal, source.Source, file.Hash, pair, ends, stop));
            var read = RowFormats.Read(source.Terms, source.Source, file, edges, cancellation)
                .Chunk(Part).Select(run.Prepare).MadeAheadAsync(cancellation);
            await foreach (var part in run.NotedAsync(read, cancellation).MadeAheadAsync(cancellation))
            {
                await run.RecordAsync(part, cancellation);
            }
        }

        var report = run.Report();
        await store.NoteRunAsync(journal, file.Hash, actor, report, cancellation);
        return report;
    }
}

/// <summary>Rows of a payload that are recorded together.</summary>
/// <param name="rows">How many were read.</param>
internal sealed class ImportPart(int rows)
{
    /// <summary>How many were read.</summary>
    public int Rows => rows;

    /// <summary>What is wrong with rows.</summary>
    public List<RowProblem> Problems { get; } = [];

    /// <summary>What custodians tell of transactions, with the hashes of their rows.</summary>
    public List<(ReadRow Row, byte[] Hash)> Told { get; } = [];

    /// <summary>Rows that entries will name.</summary>
    public List<(long Number, byte[] Hash)> Noted { get; } = [];

    /// <summary>What is to be recorded.</summary>
    public List<Command> Commands { get; } = [];

    /// <summary>By command, the number of its row.</summary>
    public List<long> Numbers { get; } = [];

    /// <summary>By command, its hash.</summary>
    public List<string> Hashes { get; } = [];

    /// <summary>Rows that say nothing that is recorded.</summary>
    public long PassedOver { get; set; }

    /// <summary>Adds what a row comes to.</summary>
    public void Add(long number, Command command)
    {
        Numbers.Add(number);
        Commands.Add(command);
        Hashes.Add(PayloadHash.Of(command, 0));
    }
}

/// <summary>One run of a payload: counts, and records part by part.</summary>
internal sealed class ImportRun(
    IServiceProvider services,
    FactStore store,
    JournalKey journal,
    RegisteredSource source,
    byte[] payload,
    string actor,
    Action<JournalKind, Command>? check)
{
    private readonly ImmutableArray<RowProblem>.Builder _problems = ImmutableArray.CreateBuilder<RowProblem>();
    private long _recorded, _found, _evidence, _breaks, _passedOver, _parked, _rejected, _position;

    /// <summary>Rows that were read.</summary>
    public long Rows { get; private set; }

    /// <summary>What came of it.</summary>
    public ImportReport Report() => new(
        source.Source, source.Version, Convert.ToHexStringLower(payload), Rows, _recorded, _found, _evidence, _breaks,
        _passedOver, _parked, _rejected, _problems.ToImmutable(), _position);

    /// <summary>What the rows of a part come to, before anything is recorded.</summary>
    public ImportPart Prepare(ReadRow[] rows)
    {
        var part = new ImportPart(rows.Length);
        foreach (var read in rows)
        {
            if (read.Problem is { } problem)
            {
                part.Problems.Add(problem);
            }
            else if (read.Telling is not null)
            {
                part.Noted.Add((read.Row.Number, read.Row.Hash()));
                part.Told.Add((read, part.Noted[^1].Hash));
            }
            else if (read.Command is null)
            {
                part.PassedOver++;
            }
            else if (read.Command.Fact is null)
            {
                part.Problems.Add(new RowProblem(
                    read.Row.Number, null, RowProblem.FactMissing,
                    "The row names no fact: told again, it would be another one.", Parked: false));
            }
            else
            {
                part.Noted.Add((read.Row.Number, read.Row.Hash()));
                part.Add(read.Row.Number, Checked(read.Command, part.Noted[^1].Hash));
            }
        }

        return part;
    }

    /// <summary>Notes rows before their entries: evidence never names a row that nobody can find.</summary>
    public async IAsyncEnumerable<ImportPart> NotedAsync(
        IAsyncEnumerable<ImportPart> parts, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var part in parts)
        {
            if (part.Noted.Count > 0)
            {
                await store.NoteRowsAsync(
                    journal, payload, [.. part.Noted.Select(row => row.Hash)],
                    [.. part.Noted.Select(row => row.Number)], cancellation);
            }

            yield return part;
        }
    }

    /// <summary>Records a part.</summary>
    public async Task RecordAsync(ImportPart part, CancellationToken cancellation)
    {
        Rows += part.Rows;
        _passedOver += part.PassedOver;
        foreach (var problem in part.Problems)
        {
            Note(problem);
        }

        await SettleAsync(part.Told, cancellation);
        await SubmitAsync(part, cancellation);
    }

    /// <summary>Brings the books to what the newest tellings of transactions say.</summary>
    private async Task SettleAsync(List<(ReadRow Row, byte[] Hash)> told, CancellationToken cancellation)
    {
        if (told.Count == 0)
        {
            return;
        }

        var hashes = told.ToDictionary(one => one.Row, one => one.Hash);
        await using var turn = await CustodyTurn.TakeAsync(
            services.GetRequiredService<TenantDatabases>(), journal, source.Source,
            [.. told.Select(one => (one.Row.Telling!, one.Hash))], cancellation);
        var settled = await turn.CommandsAsync([.. told.Select(one => one.Row)], cancellation);
        _passedOver += told.Count - settled.Select(one => one.Row).Distinct().Count();
        var part = new ImportPart(0);
        foreach (var (row, command) in settled)
        {
            part.Add(row.Row.Number, Checked(command, hashes[row]));
        }

        await SubmitAsync(part, cancellation);
        await turn.CommitAsync();
    }

    /// <summary>A command that whoever imports may record; it names its row unless its teller names better.</summary>
    private Command Checked(Command command, byte[] hash)
    {
        var named = command.Evidence is { PayloadHash: not null }
            ? command
            : command with
            {
                Evidence = (command.Evidence ?? new Evidence(source.Source, null, EvidenceQuality.Fact, null)) with
                {
                    PayloadHash = Convert.ToHexStringLower(hash),
                },
            };
        check?.Invoke(JournalKind.Treasury, named);
        return named;
    }

    private async Task SubmitAsync(ImportPart part, CancellationToken cancellation)
    {
        if (part.Commands.Count == 0)
        {
            return;
        }

        // The same telling has the same key, wherever it stands: it is recorded once, and found by every later run.
        var submission = new Submission(
            journal, $"import:{source.Source}", actor, [.. part.Commands], Atomic: false, DryRun: false,
            ScriptedRecordedAt: null)
        {
            Keys = [.. part.Hashes.Select(hash => $"import:{source.Source}:{hash}")],
            PayloadHashes = [.. part.Hashes],
        };
        await using var scope = services.CreateAsyncScope();
        var outcome = await scope.ServiceProvider.GetRequiredService<IMessageBus>()
            .InvokeAsync<SubmissionOutcome>(new RecordCommands(submission), cancellation);
        var decided = Recording.Decided(outcome, services.GetRequiredService<TenantDatabases>(), journal);
        _position = decided.Head.Position;
        foreach (var (item, number) in decided.Items.Zip(part.Numbers))
        {
            Count(item, number);
        }
    }

    private void Count(Outcome outcome, long row)
    {
        switch (outcome)
        {
            case Outcome.Recorded { Replayed: false }:
                _recorded++;
                FactMeter.Record();
                break;
            case Outcome.EvidenceAdded { Replayed: false }:
                _evidence++;
                FactMeter.Know();
                break;
            case Outcome.BreakOpened opened:
                _breaks++;
                FactMeter.Break();
                Add(new RowProblem(
                    row, null, "break_opened",
                    $"Entry {opened.Fact} tells the fact otherwise; entry {opened.Entry.Position} keeps this telling.",
                    Parked: false));
                break;
            case Outcome.Refused refused:
                Note(RowProblem.Of(row, ErrorRegistry.Of(refused.Refusal.Code).Code, refused.Refusal));
                break;
            default:
                _found++;
                FactMeter.Know();
                break;
        }
    }

    private void Note(RowProblem problem)
    {
        if (problem.Code == RowProblem.Repeated)
        {
            _passedOver++;
        }
        else if (problem.Parked)
        {
            _parked++;
            FactMeter.Refuse();
        }
        else
        {
            _rejected++;
            FactMeter.Refuse();
        }

        Add(problem);
    }

    private void Add(RowProblem problem)
    {
        if (_problems.Count < FactImporter.ProblemsMax)
        {
            _problems.Add(problem);
        }
    }
}

/// <summary>How payloads are read by the terms of their source.</summary>
internal static class RowFormats
{
    /// <summary>What the rows of a payload say, in its order.</summary>
    public static async IAsyncEnumerable<ReadRow> Read(
        SourceTerms terms,
        string source,
        PayloadFile file,
        FillEdges edges,
        [EnumeratorCancellation] CancellationToken cancellation)
    {
        var mapping = terms.Kind == SourceKind.Mapped ? RowMapping.Of(terms) : null;
        Func<SourceRow, ReadRow> read = terms.Kind switch
        {
            SourceKind.Mapped => mapping!.Read,
            SourceKind.Commands => OfCommand,
            SourceKind.Binance => new BinanceRows(terms, source).Read,
            SourceKind.Fireblocks => new FireblocksRows(terms, source).Read,
        };
        var delimiter = terms.Mapping?.Delimiter?[0] ?? ',';
        await foreach (var row in RowReader.ReadAsync(file, delimiter, cancellation))
        {
            // Objects say what they have; a file under a line of names must have what the mapping names.
            if (row is { Number: 1, Json: null, Problem: null } && mapping?.MissingIn(row.Columns) is { } missing)
            {
                throw PayloadFile.Unreadable($"It has no column '{missing}', which the mapping names.", 1);
            }

            var told = row.Problem is { } problem ? new ReadRow(row, null, problem) : read(row);
            foreach (var ready in edges.Pass(told))
            {
                yield return ready;
            }
        }

        await foreach (var end in edges.EndAsync(cancellation))
        {
            yield return end;
        }
    }

    private static ReadRow OfCommand(SourceRow row)
    {
        if (row.Json is null)
        {
            throw PayloadFile.Unreadable("Commands come as JSON lines.", 1);
        }

        try
        {
            return ReadRow.Of(row, JsonBody.Read<Command>(row.Json));
        }
        catch (ProblemException wrong)
        {
            return ReadRow.Wrong(
                row, wrong.Problem.Numbers.GetValueOrDefault("path"), wrong.Problem.Code, wrong.Problem.Detail);
        }
    }
}
