using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using TreasuryLedger.Core.Commands;
using TreasuryLedger.Core.Journal;
using TreasuryLedger.Core.Money;

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
    public const byte Version = 2;

    private const byte WideChanges = 1;

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
        to.Whole(content.Texts.Count);
        content.Texts.ForEach(to.Own);
        to.Bytes(content.Written);
        WriteNames(to, names);
        to.Bytes(DigestOf(key, hash, to.Written));
        return to.Written.ToArray();
    }

    /// <summary>The state of bytes.</summary>
    /// <param name="key">Whose it must be.</param>
    /// <param name="hash">The chain's hash at its position, lower-case hex.</param>
    /// <param name="body">The bytes.</param>
    /// <exception cref="NarrowException">They are not of this version, of another journal, or changed.</exception>
    public static (TreasurySnapshot State, KnownNames Names) Read(JournalKey key, string hash, ReadOnlySpan<byte> body)
    {
        if (body.Length < SHA256.HashSizeInBytes + 2)
        {
            throw NarrowException.Cut();
        }

        if ((body[0], body[1]) != (Version, NarrowBlock.Version))
        {
            throw new NarrowException($"it has the form {body[0]}.{body[1]}, not {Version}.{NarrowBlock.Version}");
        }

        var content = body[..^SHA256.HashSizeInBytes];
        if (!body[^SHA256.HashSizeInBytes..].SequenceEqual(DigestOf(key, hash, content)))
        {
            throw new NarrowException("it was changed, or belongs to another journal");
        }

        var head = new NarrowReader(content[2..], []);
        var texts = new string[head.Fitting(head.Whole())];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = head.Own();
        }

        var from = new NarrowReader(content[(2 + head.Position)..], texts);
        var state = ReadState(ref from);
        var names = ReadNames(ref from);
        return from.IsAtEnd ? (state, names) : throw new NarrowException("there is more than it needs");
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
        WriteMany(to, state.Accounts, name => WriteName(to, name, to.Id));
        WriteMany(to, state.Assets, name => WriteName(to, name, to.Id));
        WriteMany(to, state.Instructions, one =>
        {
            to.Fact(one.Fact);
            to.Whole(one.At.Microseconds);
            WriteEvent(to, one.Given);
            to.Signed(one.Cancellations);
            WriteMany(to, one.Principal, movement => WriteMovement(to, movement));
            WriteMany(to, one.Held, movement => WriteMovement(to, movement));
            WriteMany(to, one.Owed, movement => WriteMovement(to, movement));
        });
        WriteMany(to, state.Units, units => WriteUnits(to, units));
        WriteMany(to, state.Adoptions, one =>
        {
            WriteEvent(to, one.Adopted);
            to.Whole(one.At.Microseconds);
            to.Whole(one.By);
        });
    }

    private static TreasurySnapshot ReadState(ref NarrowReader from) => new()
    {
        Kind = from.Word<JournalKind>(),
        Position = from.Whole(),
        RecordedAt = from.AtOrNot() ?? throw NarrowException.Cut(),
        ReplayedClock = from.Flag(),
        Opened = ReadEvent<TreasuryOpened>(ref from),
        Accounts = ReadMany(ref from, static (ref reader) => ReadName<AccountId, AccountRegistered>(
            reader.Account(), ref reader)),
        Assets = ReadMany(ref from, static (ref reader) => ReadName<AssetId, AssetRegistered>(
            reader.Asset(), ref reader)),
        Instructions = ReadMany(ref from, static (ref reader) => new InstructionSnapshot(
            reader.Fact(),
            reader.At(),
            ReadEvent<InstructionGiven>(ref reader),
            (int)reader.Signed(),
            ReadMany(ref reader, ReadMovement),
            ReadMany(ref reader, ReadMovement),
            ReadMany(ref reader, ReadMovement))),
        Units = ReadMany(ref from, ReadUnits),
        Adoptions = ReadMany(ref from, static (ref reader) => new AdoptionSnapshot(
            ReadEvent<TermsAdopted>(ref reader) ?? throw NarrowException.Cut(), reader.At(), reader.Whole())),
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

    private static void WriteUnits(NarrowWriter to, UnitsSnapshot units)
    {
        to.Flag(units.AreOwed);
        to.Id(units.Account);
        to.Id(units.Asset);
        to.Byte(units.Wide.IsEmpty ? (byte)0 : WideChanges);
        to.Whole(units.Instants.Length);
        var before = 0L;
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < units.Instants.Length; i++)
        {
            to.Whole(units.Instants[i] - before);
            before = units.Instants[i];
            if (!units.Wide.IsEmpty)
            {
                to.Number(units.Wide[i]);
                continue;
            }

            BinaryPrimitives.WriteInt128LittleEndian(bytes, units.Changes[i]);
            var magnitude = units.Changes[i] < 0 ? ~units.Changes[i] : units.Changes[i];
            var length = ((128 - (int)Int128.LeadingZeroCount(magnitude)) / 8) + 1; // a bit is left for the sign
            to.Byte((byte)length);
            to.Bytes(bytes[..length]);
        }
    }

    private static UnitsSnapshot ReadUnits(ref NarrowReader from)
    {
        var (areOwed, account, asset) = (from.Flag(), from.Account(), from.Asset());
        var isWide = from.Byte() == WideChanges;
        var instants = new long[from.Fitting(from.Whole())];
        var (narrow, wide) = (new Int128[isWide ? 0 : instants.Length], new BigInteger[isWide ? instants.Length : 0]);
        var at = 0L;
        for (var i = 0; i < instants.Length; i++)
        {
            instants[i] = at += from.Whole();
            if (isWide)
            {
                wide[i] = from.Number();
            }
            else
            {
                narrow[i] = Signed(from.Bytes(from.Byte()));
            }
        }

        return new UnitsSnapshot(
            areOwed, account, asset, ImmutableCollectionsMarshal.AsImmutableArray(instants),
            ImmutableCollectionsMarshal.AsImmutableArray(narrow), ImmutableCollectionsMarshal.AsImmutableArray(wide));
    }

    private static Int128 Signed(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 0 or > 16)
        {
            throw new NarrowException($"{bytes.Length} bytes are no change");
        }

        Span<byte> all = stackalloc byte[16];
        all.Fill((bytes[^1] & 0x80) == 0 ? (byte)0 : (byte)0xff);
        bytes.CopyTo(all);
        return BinaryPrimitives.ReadInt128LittleEndian(all);
    }

    private static void WriteNames(NarrowWriter to, ulong[] slots)
    {
        var names = Array.FindAll(slots, name => name != 0);
        to.Whole(names.Length);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        foreach (var name in names)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, name);
            to.Bytes(bytes);
        }
    }

    private static KnownNames ReadNames(ref NarrowReader from)
    {
        var names = new KnownNames();
        var count = from.Fitting(from.Whole());
        names.Reserve(count);
        var bytes = from.Bytes(count * (long)sizeof(ulong));
        for (var i = 0; i < count; i++)
        {
            names.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]));
        }

        return names;
    }

    private static void WriteMany<T>(NarrowWriter to, ImmutableArray<T> items, Action<T> write)
    {
        to.Whole(items.Length);
        foreach (var item in items)
        {
            write(item);
        }
    }

    private delegate T Reading<T>(ref NarrowReader from);

    private static ImmutableArray<T> ReadMany<T>(ref NarrowReader from, Reading<T> read)
    {
        var items = ImmutableArray.CreateBuilder<T>(from.Fitting(from.Whole()));
        for (var i = items.Capacity; i > 0; i--)
        {
            items.Add(read(ref from));
        }

        return items.MoveToImmutable();
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
