using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Exposure.Limits;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Lots;
using TreasuryLedger.Core.Money;
using TreasuryLedger.Core.Periods;

namespace TreasuryLedger.Server.Journal;

/// <summary>
/// A writer's state as bytes: versions, the state, the fingerprints of known names, then a digest over them, the
/// journal and its hash at the state's position. Derived, and never the truth: bytes of another version or journal, or
/// changed ones, are refused, and the state is derived from the entries again.
/// </summary>
internal static class WriterCheckpoint
{
    /// <summary>
    /// The form, and what a state means: a change of either raises it. A change of what an entry does to the state is a
    /// change of what it means.
    /// </summary>
    public const byte Version = 7;

    /// <summary>The bytes of a state.</summary>
    /// <param name="key">Its journal.</param>
    /// <param name="hash">The chain's hash at its position, lower-case hex.</param>
    /// <param name="state">The state.</param>
    /// <param name="names">Slots of <see cref="KnownNames"/> that hold at least the names up to its position.</param>
    public static byte[] Write(JournalKey key, string hash, TreasurySnapshot state, ulong[] names)
    {
        var content = new NarrowWriter();
        WriteState(content, state);
        var to = new NarrowWriter();
        to.Byte(Version);
        to.Byte(NarrowBlock.Version);
        WriteNames(to, names);
        to.Whole(content.Texts.Count);
        content.Texts.ForEach(to.Own);
        to.Bytes(content.Written);
        to.Bytes(DigestOf(key, hash, to.Written));
        return to.Written.ToArray();
    }

    /// <summary>The state of bytes.</summary>
    /// <param name="key">Whose it must be.</param>
    /// <param name="hash">The chain's hash at its position, lower-case hex.</param>
    /// <param name="body">The bytes.</param>
    /// <exception cref="NarrowException">They are not of this version, of another journal, or changed.</exception>
    public static (TreasurySnapshot State, KnownNames Names) Read(
        JournalKey key, string hash, ReadOnlyMemory<byte> body)
    {
        if (body.Length < SHA256.HashSizeInBytes + 2)
        {
            throw NarrowException.Cut();
        }

        var content = body[..^SHA256.HashSizeInBytes];
        var (form, narrow) = (content.Span[0], content.Span[1]);
        if ((form, narrow) != (Version, NarrowBlock.Version))
        {
            throw new NarrowException($"it has the form {form}.{narrow}, not {Version}.{NarrowBlock.Version}");
        }

        if (!body.Span[^SHA256.HashSizeInBytes..].SequenceEqual(DigestOf(key, hash, content.Span)))
        {
            throw new NarrowException("it was changed, or belongs to another journal");
        }

        var head = new NarrowReader(content.Span[2..], []);
        var length = head.Fitting(head.Whole()) * (long)sizeof(ulong);
        var names = content.Slice(2 + head.Position, head.Bytes(length).Length);
        // The names are about half of it, and their table is filled while the rest is read.
        var known = Task.Run(() => NamesOf(names.Span));
        var state = StateOf(content.Span[(2 + head.Position)..]);
        return (state, known.GetAwaiter().GetResult());
    }

    private static TreasurySnapshot StateOf(ReadOnlySpan<byte> content)
    {
        var head = new NarrowReader(content, []);
        var texts = new KnownText[head.Fitting(head.Whole())];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = new KnownText(head.Own());
        }

        var from = new NarrowReader(content[head.Position..], texts);
        var state = ReadState(ref from);
        return from.IsAtEnd ? state : throw new NarrowException("there is more than it needs");
    }

    /// <summary>Whether two states are the same.</summary>
    public static bool AreSame(TreasurySnapshot one, TreasurySnapshot other)
    {
        var (left, right) = (new NarrowWriter(), new NarrowWriter());
        WriteState(left, one);
        WriteState(right, other);
        return left.Written.SequenceEqual(right.Written) && left.Texts.SequenceEqual(right.Texts);
    }

    private static void WriteState(NarrowWriter to, TreasurySnapshot state)
    {
        to.Word(state.Kind);
        to.Whole(state.Position);
        to.At(state.RecordedAt);
        to.Flag(state.ReplayedClock);
        WriteEvent(to, state.Opened);
        to.Many(state.Accounts, name => WriteName(to, name, to.Id));
        to.Many(state.Assets, name => WriteName(to, name, to.Id));
        to.Many(state.Instructions, one =>
        {
            to.Fact(one.Fact);
            to.Whole(one.At.Microseconds);
            WriteEvent(to, one.Given);
            to.Signed(one.Cancellations);
            to.Many(one.Principal, movement => WriteMovement(to, movement));
            to.Many(one.Held, movement => WriteMovement(to, movement));
            to.Many(one.Owed, movement => WriteMovement(to, movement));
        });
        to.Many(state.Units, units => UnitsColumns.Write(to, units));
        to.Many(state.Adoptions, one =>
        {
            WriteEvent(to, one.Adopted);
            to.Whole(one.At.Microseconds);
            to.Whole(one.By);
        });
        to.Many(state.Periods, one =>
        {
            to.Whole(one.Position);
            to.Whole(one.RecordedAt.Microseconds);
            NarrowEvents.Write(to, one.Event);
        });
        to.Many(state.Risks, one =>
        {
            NarrowEvents.Write(to, one.Event);
            to.Fact(one.Fact);
            to.Whole(one.At.Microseconds);
            to.Whole(one.By);
        });
        to.Many(state.Positions, one =>
        {
            to.Id(one.Position);
            to.Whole(one.Use.ByAmount);
            to.Whole(one.Use.ByIndex);
        });
        to.Many(state.Booked, one =>
        {
            to.Id(one.Side.Position);
            to.Id(one.Side.Asset);
            to.Word(one.Side.Side);
            to.Many(one.Steps, step =>
            {
                to.Exact(step.Index);
                to.Signed(step.Change);
            });
        });
    }

    private static TreasurySnapshot ReadState(ref NarrowReader from) => new()
    {
        Kind = from.Word<JournalKind>(),
        Position = from.Whole(),
        RecordedAt = from.AtOrNot() ?? throw NarrowException.Cut(),
        ReplayedClock = from.Flag(),
        Opened = ReadEvent<TreasuryOpened>(ref from),
        Accounts = from.Many(static (ref reader) => ReadName<AccountId, AccountRegistered>(
            reader.Account(), ref reader)),
        Assets = from.Many(static (ref reader) => ReadName<AssetId, AssetRegistered>(
            reader.Asset(), ref reader)),
        Instructions = from.Many(static (ref reader) => new InstructionSnapshot(
            reader.Fact(),
            reader.At(),
            ReadEvent<InstructionGiven>(ref reader),
            (int)reader.Signed(),
            reader.Many(ReadMovement),
            reader.Many(ReadMovement),
            reader.Many(ReadMovement))),
        Units = from.Many(UnitsColumns.Read),
        Adoptions = from.Many(static (ref reader) => new AdoptionSnapshot(
            ReadEvent<LedgerEvent>(ref reader) ?? throw NarrowException.Cut(), reader.At(), reader.Whole())),
        Periods = from.Many(static (ref reader) => new PeriodEntry(
            reader.Whole(), reader.At(), NarrowEvents.Read(ref reader))),
        Risks = from.Many(static (ref reader) => new RiskEntry(
            NarrowEvents.Read(ref reader), reader.Fact(), reader.At(), reader.Whole())),
        Positions = from.Many(static (ref reader) => new PositionSnapshot(
            reader.Account(), new PositionUse(reader.Whole(), reader.Whole()))),
        Booked = from.Many(static (ref reader) => new BookedSnapshot(
            new PositionSide(reader.Account(), reader.Asset(), reader.Word<InterestSide>()),
            reader.Many(static (ref inner) => new IndexStep(inner.Exact(), (int)inner.Signed())))),
    };

    private static void WriteName<TId, TEvent>(NarrowWriter to, NameSnapshot<TId, TEvent> name, Action<TId> id)
        where TEvent : LedgerEvent
    {
        id(name.Id);
        WriteEvent(to, name.Registered);
        to.Whole(name.By);
        to.Signed(name.Uses);
        to.Whole(name.FirstUse);
        to.Flag(name.IsExact);
    }

    private static NameSnapshot<TId, TEvent> ReadName<TId, TEvent>(TId id, ref NarrowReader from)
        where TEvent : LedgerEvent =>
        new(id, ReadEvent<TEvent>(ref from), from.Whole(), from.Signed(), from.Whole(), from.Flag());

    private static void WriteEvent(NarrowWriter to, LedgerEvent? happened)
    {
        to.Flag(happened is not null);
        if (happened is not null)
        {
            NarrowEvents.Write(to, happened);
        }
    }

    private static TEvent? ReadEvent<TEvent>(ref NarrowReader from)
        where TEvent : LedgerEvent => !from.Flag() ? null
        : NarrowEvents.Read(ref from) as TEvent ?? throw new NarrowException($"it holds no {typeof(TEvent).Name}");

    private static void WriteMovement(NarrowWriter to, Movement movement)
    {
        to.Id(movement.Account);
        to.Id(movement.Asset);
        to.Number(movement.Change.Units);
    }

    private static Movement ReadMovement(ref NarrowReader from) =>
        new(from.Account(), from.Asset(), new Quantity(from.Number()));

    private static void WriteNames(NarrowWriter to, ulong[] slots)
    {
        var names = new byte[slots.Length * sizeof(ulong)];
        var count = 0;
        foreach (var name in slots)
        {
            if (name != 0)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(names.AsSpan(count++ * sizeof(ulong)), name);
            }
        }

        to.Whole(count);
        to.Bytes(names.AsSpan(0, count * sizeof(ulong)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // see UnitsColumns
    private static KnownNames NamesOf(ReadOnlySpan<byte> bytes)
    {
        var names = new KnownNames();
        names.Reserve(bytes.Length / sizeof(ulong));
        for (; !bytes.IsEmpty; bytes = bytes[sizeof(ulong)..])
        {
            names.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        return names;
    }

    private static byte[] DigestOf(JournalKey key, string hash, ReadOnlySpan<byte> content)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // The line feed is in none of the three, so nothing else has the same bytes.
        digest.AppendData(Encoding.UTF8.GetBytes($"{key.Tenant}\n{key.Journal}\n{hash}\n"));
        digest.AppendData(content);
        return digest.GetHashAndReset();
    }
}
