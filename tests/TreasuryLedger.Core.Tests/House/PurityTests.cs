using System.Reflection;

namespace TreasuryLedger.Core.Tests.House;

/// <summary>The wall: what Core may reference, and which number types may appear in it.</summary>
public sealed class PurityTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
        | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Assembly Core = Assembly.Load("TreasuryLedger.Core");

    [Fact]
    public void core_references_the_base_class_library_only()
    {
        var foreign = Core.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(name => name is not ("netstandard" or "mscorlib")
                && !name.StartsWith("System.", StringComparison.Ordinal));

        foreign.ShouldBeEmpty();
    }

    [Fact]
    public void no_member_of_core_is_a_floating_or_decimal_number()
    {
        var offenders =
            from type in Core.GetTypes()
            from member in type.GetMembers(Declared)
            where TypesOf(member).Any(IsForbiddenNumber)
            select $"{type.FullName}.{member.Name}";

        offenders.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(typeof(double[]), true)]
    [InlineData(typeof(List<decimal?>), true)]
    [InlineData(typeof(Func<string, float>), true)]
    [InlineData(typeof(List<long>), false)]
    public void the_check_looks_inside_arrays_and_generics(Type type, bool forbidden) =>
        IsForbiddenNumber(type).ShouldBe(forbidden);

    private static IEnumerable<Type> TypesOf(MemberInfo member) => member switch
    {
        FieldInfo field => [field.FieldType],
        PropertyInfo property => [property.PropertyType],
        MethodInfo method => method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType),
        ConstructorInfo constructor => constructor.GetParameters().Select(p => p.ParameterType),
        _ => [],
    };

    private static bool IsForbiddenNumber(Type type) =>
        type == typeof(double) || type == typeof(float) || type == typeof(decimal) || type == typeof(Half)
        || (type.HasElementType && IsForbiddenNumber(type.GetElementType()!))
        || (type.IsGenericType && type.GetGenericArguments().Any(IsForbiddenNumber));
}
