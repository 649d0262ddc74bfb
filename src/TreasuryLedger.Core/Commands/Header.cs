using TreasuryLedger.Core.Journal;

namespace TreasuryLedger.Core.Commands;

/// <summary>What is checked of every command before its own rule: its journal, then what is common to all.</summary>
internal static class Header
{
    /// <summary>The first refusal, or <c>null</c>.</summary>
    public static Refusal? Refuse(TreasuryState state, Command command)
    {
        var check = new Checks(state);
        CheckJournal(check, state, command);
        CheckMode(check, command);
        check.Term(
            command.Fact?.ToString().StartsWith(EntryDraft.GeneratedFactPrefix, StringComparison.Ordinal) is not true,
            "fact",
            $"must not begin with {EntryDraft.GeneratedFactPrefix}, which is kept for generated facts");
        if (command.Evidence is { } evidence)
        {
            check.Term(Texts.IsName(evidence.Source), "source", Texts.NameExpected);
            check.Term(
                evidence.Reference is null || Texts.IsText(evidence.Reference, Texts.ReferenceLengthMax),
                "reference",
                "must have 1 to 2000 characters, none of them a control character");
            check.Term(
                evidence.PayloadHash is null || Texts.IsSha256(evidence.PayloadHash),
                "payloadHash",
                "must be 64 lower-case hexadecimal digits");
        }

        check.Term(command.Reason is null or { Length: > 0 and <= Texts.ReasonLengthMax },
            "reason", "must have 1 to 4000 characters, or be left out");
        return check.First;
    }

    private static void CheckJournal(Checks check, TreasuryState state, Command command)
    {
        check.That(command.BelongsTo(state.Kind), () => Refusal.Of(
            RefusalCode.JournalKindWrong,
            $"{command.GetType().Name} does not belong to a journal of kind {state.Kind}.",
            ("command", command.GetType().Name),
            ("kind", state.Kind)));
        var opens = command is OpenTreasury or OpenBook;
        check.That(opens || state.Position > 0, () => Refusal.Of(
            RefusalCode.JournalNotOpened, "This journal was not opened; open it first."));
        check.That(!opens || state.Position == 0, () => Refusal.Of(
            RefusalCode.JournalAlreadyOpened, "This journal was opened before.", ("position", state.Position)));
    }

    private static void CheckMode(Checks check, Command command)
    {
        var isInstruction = command.Mode == EntryMode.Instruction;
        check.That(!isInstruction || command.IsInstructable, () => Refusal.Of(
            RefusalCode.NotInstructable,
            $"{command.GetType().Name} says what happened; it cannot be something to be done.",
            ("command", command.GetType().Name)));
        check.Term(isInstruction || !command.Reserves, "reserves", "is for instructions only");
        check.Term(isInstruction || command.ExpiresAt is null, "expiresAt", "is for instructions only");
        check.Term(
            command.ExpiresAt is null || command.ExpiresAt > command.EffectiveAt,
            "expiresAt",
            $"is {command.ExpiresAt}; it must be later than effectiveAt, {command.EffectiveAt}");
        check.Term(
            command.Fulfils is null || (!isInstruction && command.IsInstructable),
            "fulfils",
            "is for observations of what can be instructed");
    }
}
