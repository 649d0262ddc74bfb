using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace TreasuryLedger.Core.Tests.House;

/// <summary>
/// The types that compiled code uses, read from signatures and from the instructions of method bodies. Source text
/// would miss what a body infers (var, extension methods) and find what a comment says.
/// </summary>
internal static class CodeReferences
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<ushort, OpCode> OpCodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => unchecked((ushort)code.Value));

    /// <summary>Every type that a type names: bases, members, attributes and bodies; generics taken apart.</summary>
    public static HashSet<Type> Of(Type type)
    {
        var found = new HashSet<Type>();
        Add(type.BaseType, found);
        AddAll(type.GetInterfaces(), found);
        AddAll(type.CustomAttributes.Select(attribute => attribute.AttributeType), found);
        foreach (var member in type.GetMembers(Declared))
        {
            AddAll(member.CustomAttributes.Select(attribute => attribute.AttributeType), found);
            if (member is FieldInfo field)
            {
                Add(field.FieldType, found);
            }
            else if (member is MethodBase method)
            {
                AddMethod(method, found);
            }
        }

        return found;
    }

    private static void AddMethod(MethodBase method, HashSet<Type> found)
    {
        AddSignature(method, found);
        if (method.GetMethodBody() is not { } body)
        {
            return;
        }

        AddAll(body.LocalVariables.Select(local => local.LocalType), found);
        AddAll(body.ExceptionHandlingClauses
            .Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
            .Select(clause => clause.CatchType!), found);
        foreach (var token in Tokens(body.GetILAsByteArray()!))
        {
            var used = method.Module.ResolveMember(
                token,
                method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null,
                method.IsGenericMethod ? method.GetGenericArguments() : null);
            Add(used as Type ?? used?.DeclaringType, found);
            if (used is FieldInfo field)
            {
                Add(field.FieldType, found);
            }
            else if (used is MethodBase called)
            {
                AddSignature(called, found);
            }
        }
    }

    private static void AddSignature(MethodBase method, HashSet<Type> found)
    {
        AddAll(method.GetParameters().Select(parameter => parameter.ParameterType), found);
        AddAll(method.IsGenericMethod ? method.GetGenericArguments() : [], found);
        Add((method as MethodInfo)?.ReturnType, found);
    }

    private static IEnumerable<int> Tokens(byte[] code)
    {
        var at = 0;
        while (at < code.Length)
        {
            ushort value = code[at++];
            if (value == 0xFE) // the first byte of the two-byte instructions
            {
                value = (ushort)((value << 8) | code[at++]);
            }

            var operand = OpCodesByValue[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
                or OperandType.InlineType)
            {
                yield return BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at));
            }

            at += Size(operand, code, at);
        }
    }

    private static int Size(OperandType operand, byte[] code, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(code.AsSpan(at))),
        _ => 4,
    };

    private static void AddAll(IEnumerable<Type> types, HashSet<Type> found)
    {
        foreach (var type in types)
        {
            Add(type, found);
        }
    }

    private static void Add(Type? type, HashSet<Type> found)
    {
        if (type is null || !found.Add(type))
        {
            return;
        }

        Add(type.HasElementType ? type.GetElementType() : null, found);
        Add(type.IsGenericParameter ? null : type.DeclaringType, found);
        AddAll(type.IsGenericType ? type.GetGenericArguments() : [], found);
    }
}
